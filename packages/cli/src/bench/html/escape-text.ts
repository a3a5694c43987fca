/** Text as HTML and SVG show it; names of groups and topics are the user's and may hold anything. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Control characters that XML forbids even as entities. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** Makes text safe in elements and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\uFFFD').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
