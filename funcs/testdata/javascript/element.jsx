const App = () => <div className="it's" onClick={() => { go() }} {...rest}>
  Don't {list.map(x => <li key={x}>{x ? <b>"</b> : null}</li>)} function no() {}
  <></><br/><a.b c:d='"' />{/* { */}
</div>;
function after() { return a < b && c > d }
