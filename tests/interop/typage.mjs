// SPDX-License-Identifier: ISC
//
// typage.mjs - npm's age-encryption as a small command, to test against.
//
// usage: node -r ./tests/interop/webcrypto.cjs tests/interop/typage.mjs DIST \
//            keygen | recipient ID | encrypt RECIPIENT | decrypt ID
//
// DIST is the package's index.js. Keys are words on the command line, which
// only a test may do; data goes from stdin to stdout.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [dist, verb, key] = process.argv.slice(2);
const age = await import(pathToFileURL(dist));

const input = () => new Uint8Array(readFileSync(0));

switch (verb) {
case "keygen":
	console.log(await age.generateHybridIdentity());
	break;
case "recipient":
	console.log(await age.identityToRecipient(key));
	break;
case "encrypt": {
	const e = new age.Encrypter();
	e.addRecipient(key);
	writeFileSync(1, await e.encrypt(input()));
	break;
}
case "decrypt": {
	const d = new age.Decrypter();
	d.addIdentity(key);
	writeFileSync(1, await d.decrypt(input(), "uint8array"));
	break;
}
default:
	process.exit(64);
}
