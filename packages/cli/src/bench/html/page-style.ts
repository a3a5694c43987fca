/**
 * Style of a report. The colours are those of Okabe and Ito, which people with any colour vision tell apart, a little lighter in
 * the dark; lines differ by their dashes, too.
 */

const LIGHT = ['#0072b2', '#d55e00', '#007f5c', '#9c4f86', '#8a6d00', '#2f8fc4', '#555555', '#000000'];
const DARK = ['#5fb6ec', '#ff8f4d', '#35c99f', '#e39ccb', '#f0e442', '#9bd4f5', '#b5b5b5', '#ffffff'];
const DASHES = ['none', '6 3', '2 3', '8 3 2 3', '12 3', '4 2 1 2', '1 2', '10 5'];

const colours = (list: readonly string[]): string => list.map((colour, index) => `--s${index}:${colour}`).join(';');

/** The style sheet of every report. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#ffffff;--ink:#1b1b1b;--faint:#5c5c5c;--rule:#d9d9d9;${colours(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e9e9e9;--faint:#a9adb3;--rule:#3a3f45;${colours(DARK)}}}
body{margin:0 auto;padding:1.5rem;max-width:56rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header p,section>p,figcaption,caption{color:var(--faint)}
h2{margin-top:2.5rem;border-top:1px solid var(--rule);padding-top:1rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}
caption{text-align:left;padding-bottom:.3rem}
th,td{padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--rule);text-align:right;font-weight:normal;white-space:nowrap}
th:first-child{text-align:left}
thead th{color:var(--faint)}
figure{margin:1.5rem 0;break-inside:avoid}
figcaption{font-weight:600}
svg{width:100%;height:auto}
svg.key{width:1.5rem;vertical-align:middle}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.3rem 0;padding:0;font-size:.9rem}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.tick{fill:var(--faint);font-size:12px}
.end{text-anchor:end}
.middle{text-anchor:middle}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.area{stroke:var(--paper);stroke-width:.5}
${LIGHT.map((_, index) => `.line.s${index}{stroke:var(--s${index});stroke-dasharray:${DASHES[index]}}.area.s${index}{fill:var(--s${index})}`).join('\n')}
summary{cursor:pointer;color:var(--faint)}
`;
