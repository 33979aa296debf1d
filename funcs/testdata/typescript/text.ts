type F = (no: string) => void;
type G<T> = T extends (no: () => 1) => infer U ? { no(): void } : { [K in keyof T]?: () => void }
interface I<T> extends J<T>, K { no(): void; also: (x: number) => void }
declare function no(a: string): void;
declare module "m" { export function no2(): void; export function yes0() {} }
declare global { interface Window { no: () => void } }
const enum E { A = 1, B = "function no() {" }
function overload(a: string): void;
function overload(a: number): { x: () => void } | undefined
function overload(a: any): any {}
const typed: (x: number) => { no: () => void } = (x) => ({ no: x });
const generic = <T,>(x: T): T => x, generic2 = async <T extends { a: 1 }>(x: T): Promise<T> => { return x };
const cast = <any>foo, as1 = foo as (no: string) => void, as2 = { yes1: () => 1 } satisfies { no: () => void };
const call = useState<{ no: () => void }>(() => ({ yes2: () => 1 }));
const less = a < b, more = c > (d), tern = a ? (b) : (c) => d;
let v: { no: (x: number) => void }, w: typeof import("x").y[] = [], z = (a: string): a is "x" => true;
function params(cb: (no: string) => void, { a, b }: { no: () => void } = {}, [c]: (() => void)[] = []) {}
namespace N.M { export const inner = (x?: number) => x! / 2 / x!; }
const opt = a?.b ?? (c as D)!.e, arrow = (x: number): { y: number } => ({ y: x });
for (const x of <string[]>y) { type; type = 1; interface_ = 2 }
abstract class A1 { abstract no(): { x: number }
  yes3() {} }
class C<in out T = {}> { x!: string; [key: string]: any; "y": () => void = () => {}; static z = class { deep(): void {} } }
export default function (this: Window): void {}
function last(): asserts x is `a${string}` | "b" {}
