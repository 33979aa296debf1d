package p

import _ "image/png" // want "side effects"
