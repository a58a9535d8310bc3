import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

/** Markdown as GitHub's dialect renders it, raw HTML let through so that a test sees it. */
export function renderGithubMarkdown(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

const OWN_TAGS = new Set("details summary sub p strong ul ol li pre code table thead tbody tr th td h2 h3 hr br em blockquote".split(" "));

/** What in rendered markdown could act: elements beyond plain structure, and text outside code that GitHub brings to life. */
export function findLive(markdown: string): readonly string[] {
  const html = renderGithubMarkdown(markdown);
  const tags = [...html.matchAll(/<\/?([a-zA-Z][a-zA-Z0-9-]*)[^>]*>/g)].map((match) => match[1]?.toLowerCase() ?? "");
  const foreign = tags.filter((tag) => !OWN_TAGS.has(tag)).map((tag) => `<${tag}>`);
  const comments = html.includes("<!--") ? ["<!--"] : [];
  const prose = html
    .replace(/<pre>[\s\S]*?<\/pre>/g, " ")
    .replace(/<code[^>]*>[\s\S]*?<\/code>/g, " ")
    .replace(/<[^>]*>/g, " ");
  const live = [...prose.matchAll(/@[a-z0-9]|#\d|\bGH-\d|:\/\/|\bwww\.|\$[^\s$][^$]*\$/gi)].map((match) => match[0]);
  return [...foreign, ...comments, ...live];
}
