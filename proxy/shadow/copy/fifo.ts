/** First in, first out, without moving what is in it. */
export interface Fifo<Item> {
  readonly size: () => number;
  push(item: Item): void;
  /** The one that came first, left where it is. */
  peek(): Item | undefined;
  shift(): Item | undefined;
  /** Takes all out, in their sequence. */
  clear(): Item[];
}

const cutAt = 1_024;

export function createFifo<Item>(): Fifo<Item> {
  let items: (Item | undefined)[] = [];
  let head = 0;
  const rest = (): Item[] => items.slice(head) as Item[];
  return {
    size: () => items.length - head,
    push: (item) => void items.push(item),
    peek: () => items[head],
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head] = undefined;
      head += 1;
      if (head === items.length) {
        items.length = 0;
        head = 0;
      } else if (head >= cutAt && head * 2 >= items.length) {
        items = rest();
        head = 0;
      }
      return item;
    },
    clear() {
      const all = rest();
      items = [];
      head = 0;
      return all;
    },
  };
}
