/** The mean of all readings; undefined when there are none. */
export function mean(readings) {
  if (readings.length === 0) return undefined;
  return readings.reduce((sum, reading) => sum + reading, 0) / readings.length;
}
