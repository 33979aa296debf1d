class Text {
    String a = "void no() {", b = """
        void no() { \""" " } """;
    char c = '"', d = '\'';
    Runnable e = () -> { class Local { void yes1() {} } };
    Object f = new Outer.Inner<String>(1) { void yes2() {} }, g = new int[] {1}, h = x.new Inner() { void yes3() {} };
    Class<?> i = String.class, j = int[].class;
    // void no() {
    /* void no() { */
    static { int record = 1; record = enum_; var x = (List<String>) y; }
    { if (a < b && c > d) { no(); } switch (a) { case 1 -> { no(); } default -> no(); } }
    enum Color implements X { RED(1) { int yes4() { return 1; } }, @Deprecated GREEN { void yes5() {} }, BLUE; Color() {} Color(int x) {} }
    enum Empty {}
    record Point(int x, @A("{") int y) implements X { Point { if (x < 0) throw no(); } static int yes6() { return 1; } Point(int x) { this(x, 1); } }
    @interface Note { String value() default "{"; int[] list() default {1, 2}; }
    interface Shape { int no(); default int yes7() { return 1; } private static void yes8() {} }
    sealed interface S permits A, B {} non-sealed class A implements S { void yes9() {} }
    public static class Deep { public class Deeper { public void yes10() throws X, Y {} } }
    void yes11(@A(x = ")") Map<String, Map<int[], ? extends T>> m, int... xs) { record R(int a) {} interface I { default void yes12() {} } new R(1); }
    <T> Text() {}
    int compare = a.<String>b().c, record, sealed;
    record.Type yes13() { return null; }
}
