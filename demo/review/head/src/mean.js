/** The mean of the last readings, of all of them by default. */
export function mean(readings, count = readings.length) {
  let sum = 0;
  for (let back = 1; back < count; back += 1) sum += readings[readings.length - back];
  return sum / count;
}
