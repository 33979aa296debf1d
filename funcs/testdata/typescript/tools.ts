import type { A } from "a";

/**
 * Process and transform input data
 * @onex:function
 * @throws DATA_INVALID, TRANSFORM_FAILED
 */
export function processData<T extends { a: () => void }>(
  data: any,
  transformRules: string[] = [],
  opts?: { deep: (x: number) => void; }, /* a comment, with a comma */
  ...rest: Map<string, number>[]
): Promise<{ ok: boolean }> { return null! }

export abstract class Shop<T> extends Base<T> implements Priced, Map<string, () => void> {
  private total: number = 0;
  declare x: string
  readonly handler: (e: Event) => void = (e) => {};
  lookup?: { no: (x: number) => void }
  constructor(private readonly db: Db, @Inject() public name = "x") { super() }
  /**
   * Prices an order.
   * @onex:function
   */
  @log({ level: "x" })
  public async price<K>(this: Shop<T>, order: Order, cb?: (err: Error | null) => void): Promise<void> {}
  abstract missing(): void;
  overload(a: string): void;
  overload(a: number): void
  overload(a: any): asserts a is { x: 1 } {}
  protected hidden(): this is T {}
  get size(): number { return 1 }
  private static async *#gen(): AsyncGenerator<number> {}
}
