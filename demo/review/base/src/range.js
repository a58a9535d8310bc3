/** The highest and the lowest reading. */
export function range(readings) {
  return { highest: Math.max(...readings), lowest: Math.min(...readings) };
}
