/** One measured number, beside the same thing done by something else in the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
}

/** A line of JSON: `{name, value, unit, peer?, ratio?}`; the peer in words, and how many of the peer's the value is. */
export function printFigure({ name, value, unit, peer }: Figure): void {
  const compared =
    peer === undefined
      ? {}
      : {
          peer: `${peer.name}: ${round(peer.value)} ${unit}`,
          ...(peer.value > 0 ? { ratio: Math.round((value / peer.value) * 1000) / 1000 } : {}),
        };
  process.stdout.write(`${JSON.stringify({ name, value: round(value), unit, ...compared })}\n`);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
