// SPDX-License-Identifier: ISC
// Node 18 (Debian 12) keeps Web Crypto behind a flag, and typage wants it as
// a global: `node -r ./tests/interop/webcrypto.cjs SCRIPT` works everywhere.
"use strict";
if (!globalThis.crypto)
	globalThis.crypto = require("node:crypto").webcrypto;
