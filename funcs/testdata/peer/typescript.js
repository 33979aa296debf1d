// Reads names of JavaScript and TypeScript files, one a line, and prints which
// functions with a name and a body TypeScript's parser finds in each: {"path",
// "functions": [[name, line]]}, or null where it reports a syntax error.
// npm install typescript, then: node typescript.js < names
const ts = require("typescript");
const fs = require("fs");

function bound(node) {
  const p = node.parent;
  if (!p) return undefined;
  switch (p.kind) {
    case ts.SyntaxKind.VariableDeclaration:
    case ts.SyntaxKind.PropertyAssignment:
    case ts.SyntaxKind.PropertyDeclaration:
    case ts.SyntaxKind.Parameter:
    case ts.SyntaxKind.BindingElement:
      return p.initializer === node ? p.name : undefined;
    case ts.SyntaxKind.ShorthandPropertyAssignment:
      return p.objectAssignmentInitializer === node ? p.name : undefined;
    case ts.SyntaxKind.BinaryExpression:
      if (p.operatorToken.kind !== ts.SyntaxKind.EqualsToken || p.right !== node) return undefined;
      if (ts.isIdentifier(p.left)) return p.left;
      if (ts.isPropertyAccessExpression(p.left)) return p.left.name;
  }
  return undefined;
}

function text(name) {
  if (!name) return undefined;
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return name.getText();
  if (ts.isStringLiteral(name)) return name.getText().slice(1, -1);
  return undefined;
}

function find(file, node, found) {
  let name, at;
  const own = () => {
    const a = (node.modifiers || []).find((m) => m.kind === ts.SyntaxKind.AsyncKeyword);
    return a || node.getChildren(file).find((c) => c.kind === ts.SyntaxKind.FunctionKeyword);
  };
  switch (node.kind) {
    case ts.SyntaxKind.FunctionDeclaration:
      if (node.body && node.name) [name, at] = [text(node.name), own()];
      break;
    case ts.SyntaxKind.FunctionExpression:
      if (node.name) [name, at] = [text(node.name), own()];
      else [name, at] = [text(bound(node)), bound(node)];
      break;
    case ts.SyntaxKind.ArrowFunction:
      [name, at] = [text(bound(node)), bound(node)];
      break;
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
      if (node.body) [name, at] = [text(node.name), node.name];
      break;
    case ts.SyntaxKind.Constructor:
      if (node.body) [name, at] = ["constructor", node.getChildren(file).find((c) => c.kind === ts.SyntaxKind.ConstructorKeyword)];
      break;
  }
  if (name) found.push([name, file.text.slice(0, at.getStart(file)).split(/\r\n|\n|\r/).length]);
  ts.forEachChild(node, (c) => void find(file, c, found));
  return found;
}

for (const path of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const file = ts.createSourceFile(path, fs.readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  console.log(JSON.stringify({ path, functions: file.parseDiagnostics.length ? null : find(file, file, []) }));
}
