import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

/** Markdown as a renderer of GitHub's flavour shows it, HTML and all. */
export function renderMarkdown(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

const DROPPED = /^(?:script|style|template|noscript|textarea|title|iframe|noembed|noframes|xmp|plaintext|svg|math|select)$/;

/** The text that a browser's parser makes of HTML: no comments, no attributes, nothing of elements that show no text. */
export function visibleText(html: string): string {
  return visibleParts(html).text;
}

/** The text, and where its links lead, which a reader sees when pointing at them. */
export function visibleParts(html: string): { readonly text: string; readonly destinations: readonly string[] } {
  const destinations: string[] = [];
  let out = "";
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf("<", at);
    if (open === -1) return { text: out + html.slice(at), destinations };
    out += html.slice(at, open);
    const [, destination] = /^<a href="([^"]*)"/.exec(html.slice(open, open + 1_000)) ?? [];
    if (destination !== undefined) destinations.push(destination);
    at = skipMarkup(html, open);
    if (at === open) {
      out += "<";
      at += 1;
    }
  }
  return { text: out, destinations };
}

function skipMarkup(html: string, at: number): number {
  if (html.startsWith("<!--", at)) return skipComment(html, at);
  if (/^<[!?]/.test(html.slice(at, at + 2)) || /^<\/[^A-Za-z]/.test(html.slice(at, at + 3))) return behind(html, ">", at + 2);
  const name = /^<\/?([A-Za-z][^\s/>]*)/.exec(html.slice(at, at + 200));
  if (name === null) return at;
  const end = skipTag(html, at + name[0].length);
  if (name[0].startsWith("</") || !DROPPED.test((name[1] ?? "").toLowerCase())) return end;
  const close = html.toLowerCase().indexOf(`</${name[1]?.toLowerCase()}`, end);
  return close === -1 ? html.length : behind(html, ">", close);
}

function skipComment(html: string, at: number): number {
  if (html.startsWith("<!-->", at)) return at + 5;
  if (html.startsWith("<!--->", at)) return at + 6;
  const match = /--!?>/g;
  match.lastIndex = at + 4;
  return match.exec(html) === null ? html.length : match.lastIndex;
}

/** Attributes with or without quotes; a quote that never ends takes the rest of the page. */
function skipTag(html: string, from: number): number {
  const part = /=\s*(?:"[^"]*("?)|'[^']*('?))|>/y;
  for (let at = from; at < html.length; at += 1) {
    part.lastIndex = at;
    const match = part.exec(html);
    if (match?.[0] === ">") return at + 1;
    if (match !== null) at += match[0].length - 1;
  }
  return html.length;
}

function behind(html: string, needle: string, from: number): number {
  const found = html.indexOf(needle, from);
  return found === -1 ? html.length : found + needle.length;
}
