// Reads names of Java files, one a line, and prints which methods with a body
// javac's parser finds in each: {"path", "functions": [[qualified name, line]]},
// or null where it reports an error. Types without a name are not in the
// qualified name.
//
//   java --add-exports jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED Outline.java < names
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.tools.javac.tree.JCTree;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

public class Outline {
    static class Finder extends TreeScanner<Void, String> {
        final List<String> found = new ArrayList<>();
        CompilationUnitTree unit;
        String type = "";

        @Override public Void visitClass(ClassTree node, String scope) {
            String outer = type;
            type = node.getSimpleName().isEmpty() ? outer : node.getSimpleName().toString();
            super.visitClass(node, join(scope, node.getSimpleName().toString()));
            type = outer;
            return null;
        }

        @Override public Void visitMethod(MethodTree node, String scope) {
            String name = node.getName().contentEquals("<init>") ? type : node.getName().toString();
            if (node.getBody() != null) {
                long line = unit.getLineMap().getLineNumber(((JCTree.JCMethodDecl) node).pos);
                found.add("[\"" + join(scope, name) + "\"," + line + "]");
            }
            return super.visitMethod(node, join(scope, name));
        }

        static String join(String scope, String name) {
            return scope.isEmpty() ? name : name.isEmpty() ? scope : scope + "." + name;
        }
    }

    public static void main(String[] args) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String path; (path = in.readLine()) != null; ) {
            var problems = new DiagnosticCollector<JavaFileObject>();
            var task = (JavacTask) compiler.getTask(null, files, problems, List.of("-proc:none"), null, files.getJavaFileObjects(new File(path)));
            var finder = new Finder();
            for (CompilationUnitTree unit : task.parse()) {
                finder.unit = unit;
                finder.scan(unit, "");
            }
            boolean bad = problems.getDiagnostics().stream().anyMatch(d -> d.getKind() == Diagnostic.Kind.ERROR);
            System.out.println("{\"path\":\"" + path + "\",\"functions\":" + (bad ? "null" : finder.found) + "}");
        }
    }
}
