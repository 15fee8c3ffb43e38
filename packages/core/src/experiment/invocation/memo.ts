/**
 * Makes a thing once for each key and keeps the `limit` that were asked for last. What cannot be made is tried again
 * when it is asked for again.
 */
export function createMemo<Value>(limit: number): (key: string, make: () => Promise<Value>) => Promise<Value> {
  const made = new Map<string, Promise<Value>>();
  return (key, make) => {
    const value = made.get(key) ?? make();
    made.delete(key);
    made.set(key, value);
    value.catch(() => {
      if (made.get(key) === value) made.delete(key);
    });
    const [oldest] = made.keys();
    if (made.size > limit && oldest !== undefined) made.delete(oldest);
    return value;
  };
}
