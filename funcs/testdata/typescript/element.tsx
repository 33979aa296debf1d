const App: FC<{ no: () => void }> = ({ a }: Props) => <T,>(x: T) => <div<string> a={<b/>}>Don't {x}</div>;
const list = <Foo bar={() => { }} />, cast = <T,>(x: T) => x;
function After<T>() { return a < b; }
