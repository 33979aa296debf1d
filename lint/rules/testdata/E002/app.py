CODE = "ONEX_APP_001_BAD"
fail("ONEX_APP_001_BAD")
fail("ONEX_APP_001_WORSE")  # want "declared nowhere"
env("ONEX_BUS_URL")
