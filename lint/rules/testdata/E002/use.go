package p

func f() string { return "ONEX_CORE_001_GONE" }

func g() string { return "ONEX_CORE_002_MISSING" } // want "ONEX_CORE_002_MISSING is declared nowhere"
