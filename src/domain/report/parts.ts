import { cut, inertHtml } from "../inert.ts";

/** Small pieces of the page. Text always comes in raw and is escaped here. */

export function escapeText(raw: string, maxChars = 500): string {
  return inertHtml(cut(raw, maxChars));
}

export function code(raw: string, maxChars = 300): string {
  return `<code>${escapeText(raw, maxChars)}</code>`;
}

export function pre(raw: string, maxChars = 8000): string {
  return `<pre tabindex="0">${escapeText(raw, maxChars)}</pre>`;
}

/** A cell of prose, already HTML, that keeps a readable width on a narrow screen. */
export function said(html: string): string {
  return `<div class="said">${html}</div>`;
}

export function section(id: string, title: string, body: string): string {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeText(title)}</h2>${body}</section>`;
}

export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>${body}</details>`;
}

export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

/** Cells are already HTML. A table may be wider than a phone: its frame scrolls, also by keyboard. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const align = (index: number): string => (columns[index]?.number === true ? ' class="number"' : "");
  const head = columns.map((column, index) => `<th scope="col"${align(index)}>${escapeText(column.title)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell, index) => `<td${align(index)}>${cell}</td>`).join("")}</tr>`).join("");
  return `<div class="scroll" role="region" aria-label="${escapeText(caption)}" tabindex="0"><table><caption>${escapeText(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

export function note(raw: string): string {
  return `<p class="note">${escapeText(raw)}</p>`;
}

export interface Bar {
  readonly label: string;
  /** Distance from the left edge and length, in the unit of the axis. */
  readonly from: number;
  readonly length: number;
  readonly told: string;
  readonly bad: boolean;
}

const WIDTH = 720;
const LABEL = 190;
const ROW = 26;

/** Horizontal bars; the same figures are in a table next to it, so one sentence describes the drawing. */
export function bars(title: string, list: readonly Bar[]): string {
  const end = Math.max(1, ...list.map((bar) => bar.from + bar.length));
  const scale = (WIDTH - LABEL - 90) / end;
  const rows = list.map((bar, index) => {
    const x = LABEL + bar.from * scale;
    const width = Math.max(2, bar.length * scale);
    const y = index * ROW;
    return `<text x="0" y="${y + 17}">${escapeText(bar.label, 28)}</text><rect class="${bar.bad ? "barbad" : "bar"}" x="${x.toFixed(1)}" y="${y + 5}" width="${width.toFixed(1)}" height="16" rx="2"/><text class="soft" x="${(x + width + 6).toFixed(1)}" y="${y + 17}">${escapeText(bar.told, 24)}</text>`;
  });
  const height = list.length * ROW + 4;
  return `<div class="scroll" role="region" aria-label="${escapeText(title)}, drawing" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(title)}" style="min-width:42rem"><line class="grid" x1="${LABEL}" y1="0" x2="${LABEL}" y2="${height}"/>${rows.join("")}</svg></div>`;
}
