// The two-sided exact test of McNemar (1947): may two models that differ on these many images be equally good?
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const k = Math.min(onlyFirst, onlySecond);
  let logTerm = -n * Math.LN2; // of the binomial distribution with 1/2, at 0
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return Math.min(1, 2 * sum);
}
