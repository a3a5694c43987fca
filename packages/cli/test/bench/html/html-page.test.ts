/** The page: escaped, self-contained, and with the numbers of every plot. */
import { describe, expect, test } from 'vitest';
import { htmlPage } from '../../../dist/bench/html/html-page.js';
import type { Plot } from '../../../dist/bench/html/svg-plot.js';

const EVIL = `<script>alert("x")</script> & 'y'`;

const plot = (changes: Partial<Plot> = {}): Plot => ({
  title: 'Depth',
  description: 'Bytes over time.',
  kind: 'lines',
  seconds: [0, 1, 2],
  series: [{ name: 'normal', values: [1, null, 30] }],
  format: (value) => `${value} B`,
  ...changes,
});
const page = (...plots: Plot[]): string =>
  htmlPage({ title: 'Report', text: 'All of it.', sections: [{ heading: 'Over time', tables: [], plots }] });

describe('htmlPage', () => {
  test('escapes every text of the user', () => {
    const html = htmlPage({
      title: EVIL,
      text: EVIL,
      sections: [
        {
          heading: EVIL,
          text: EVIL,
          tables: [
            {
              caption: EVIL,
              rows: [
                [EVIL, EVIL],
                [EVIL, EVIL],
              ],
            },
          ],
          plots: [plot({ title: EVIL, description: EVIL, series: [{ name: EVIL, values: [1, 2, 3] }], format: () => EVIL })],
        },
      ],
    });
    expect(html).not.toContain('<script');
    expect(html).not.toContain('"x"');
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;');
  });

  test('needs nothing from anywhere else', () => {
    expect(page(plot())).not.toMatch(/<(?:link|script|img|iframe)|https?:|@import|url\(/);
  });

  test('names and describes every plot, and gives its numbers', () => {
    const html = page(plot(), plot({ kind: 'stacked' }));
    expect(html.match(/<svg [^>]*role="img" aria-labelledby="plot-0-\d-title plot-0-\d-desc"/g)).toHaveLength(2);
    expect(html).toContain('<title id="plot-0-1-title">Depth</title>');
    expect(html).toContain('<desc id="plot-0-1-desc">Bytes over time.</desc>');
    expect(html).toContain('<tr><th scope="row">1.0 s</th><td>-</td></tr>');
    expect(html).toContain('<tr><th scope="row">2.0 s</th><td>30 B</td></tr>');
  });

  test('thins long tables of numbers and says so', () => {
    const seconds = Array.from({ length: 600 }, (_, index) => index / 10);
    const html = page(plot({ seconds, series: [{ name: 'normal', values: seconds }] }));
    expect(html.match(/<tr><th scope="row">/g)).toHaveLength(60);
    expect(html).toContain('Depth, one look in 10');
  });

  test.each(['linear', 'logarithmic', 'bytes'] as const)(
    'draws only finite numbers on a %s axis, whatever the values',
    (axis) => {
      const values = [[], [0, 0, 0], [null, null, null], [0, 1e-9, 1e12], [5, 5, 5]];
      const html = page(
        ...values.map((each) => plot({ axis, series: [{ name: 'normal', values: each }] })),
        plot({ axis, seconds: [], series: [] }),
      );
      expect(html).not.toMatch(/NaN|Infinity|undefined/);
    },
  );
});
