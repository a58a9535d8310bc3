/** Acts at the first call and gives every caller that result; after a failure the next call acts again. */
export function onceSucceeded<T>(act: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= act().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
