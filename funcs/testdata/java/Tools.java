package shop;

import java.util.*;

/** A shop. @onex:function is not at the start of a line here. */
@Service(name = "x", deep = {"{", "}"})
public final class Tools<T extends Comparable<T>> extends Base implements Map<String, int[]> {
    private static final int[] SIZES = {1, 2}, MORE[] = {{3}};

    /**
     * Prices an order.
     *
     * @onex:function
     * @param order what is bought
     * @throws PRICE_MISSING
     * @side_effect logs prices
     */
    @Override
    public <K extends List<? super T>> Map<String, List<K>> price(final @NonNull(when = When.ALWAYS, x = 1) Order order, int[] sizes, String names[], Object... rest)
            throws PriceException, IOException {
        return new HashMap<>() {
            { put("static", null); }
            @Override public int size() { return 0; }
        };
    }

    // @onex_function
    // Marked by an ordinary comment
    protected void hidden(Tools<T> this) {}

    // @onex:function

    int field = 1;

    public Tools() { this(1); }
    abstract int missing(int a);
    native void alsoMissing();
    int old()[] { return null; }
}
