module m { requires java.base; exports a.b; }
