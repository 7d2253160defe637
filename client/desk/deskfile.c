/* SPDX-License-Identifier: ISC */
/*
 * deskfile.c - the head of a desk and its wrapped master key.
 *
 * Refuses Argon2id settings outside our own bounds before it spends a byte
 * on them, so an altered file costs no more than a true one.
 *
 * Invariant: the bytes that are authenticated are exactly the bytes that
 * deskfile_write() puts before the nonce.
 */
#include <string.h>

#include <sodium.h>

#include "client/desk/deskfile.h"
#include "crypto/note.h"

#define MAGIC	"ecrdesk\n"

/* see deskfile.h */
uint32_t
deskfile_passes(uint32_t mib)
{
	uint32_t passes;

	passes = mib == 0 ? DESK_KDF_PASSES_MAX : DESK_KDF_WORK_MIB / mib;
	if (passes < DESK_KDF_PASSES_MIN)
		return DESK_KDF_PASSES_MIN;
	if (passes > DESK_KDF_PASSES_MAX)
		return DESK_KDF_PASSES_MAX;
	return passes;
}

static bool
kdf_ok(const struct deskfile *f)
{
	return f->kdf_mib >= DESK_KDF_MIB_MIN &&
	    f->kdf_mib <= DESK_KDF_MIB_MAX &&
	    f->kdf_passes >= DESK_KDF_PASSES_MIN &&
	    f->kdf_passes <= DESK_KDF_PASSES_MAX;
}

/* A name of at most max bytes, copied with a NUL. */
static bool
take_name(struct rd *in, char *out, size_t max)
{
	struct rd name;

	if (!rd_take16(in, &name) || name.n > max || !note_name_ok(name))
		return false;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return true;
}

/* see deskfile.h */
int
deskfile_parse(struct deskfile *f, struct rd in)
{
	uint8_t version, lock;

	memset(f, 0, sizeof(*f));
	if (!rd_lit(&in, MAGIC) || !rd_u8(&in, &version) ||
	    version != DESKFILE_VERSION || !rd_u8(&in, &lock) ||
	    lock != DESKFILE_PASSPHRASE ||
	    !take_name(&in, f->office, NAME_MAX_BYTES) ||
	    !take_name(&in, f->role, DESK_ROLE_MAX_BYTES) ||
	    !rd_u32(&in, &f->kdf_mib) || !rd_u32(&in, &f->kdf_passes) ||
	    !rd_copy(&in, f->salt, sizeof(f->salt)) ||
	    !rd_copy(&in, f->nonce, sizeof(f->nonce)) ||
	    !rd_copy(&in, f->wrapped, sizeof(f->wrapped)) ||
	    !rd_done(&in) || !kdf_ok(f))
		return ERR_FORMAT;
	return 0;
}

/* What is authenticated. */
static void
write_head(struct wr *w, const struct deskfile *f)
{
	wr_str(w, MAGIC);
	wr_u8(w, DESKFILE_VERSION);
	wr_u8(w, DESKFILE_PASSPHRASE);
	wr_u16(w, (uint16_t)strlen(f->office));
	wr_str(w, f->office);
	wr_u16(w, (uint16_t)strlen(f->role));
	wr_str(w, f->role);
	wr_u32(w, f->kdf_mib);
	wr_u32(w, f->kdf_passes);
	wr_bytes(w, f->salt, sizeof(f->salt));
}

/* see deskfile.h */
void
deskfile_write(struct wr *w, const struct deskfile *f)
{
	write_head(w, f);
	wr_bytes(w, f->nonce, sizeof(f->nonce));
	wr_bytes(w, f->wrapped, sizeof(f->wrapped));
}

/* The key that the passphrase gives. */
static int
derive(unsigned char key[static DESK_MASTER_BYTES], const struct deskfile *f,
    const char *passphrase)
{
	if (!kdf_ok(f))
		return ERR_FORMAT;
	if (crypto_pwhash(key, DESK_MASTER_BYTES, passphrase,
	    strlen(passphrase), f->salt, f->kdf_passes,
	    (size_t)f->kdf_mib << 20, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_NOMEM;
	return 0;
}

/* see deskfile.h */
int
deskfile_lock(struct deskfile *f,
    const unsigned char master[static DESK_MASTER_BYTES],
    const char *passphrase)
{
	unsigned char head[DESKFILE_MAX_BYTES], key[DESK_MASTER_BYTES];
	struct wr w = wr_from(head, sizeof(head));
	int r;

	randombytes_buf(f->salt, sizeof(f->salt));
	randombytes_buf(f->nonce, sizeof(f->nonce));
	write_head(&w, f);
	r = wr_ok(&w) ? derive(key, f, passphrase) : ERR_FORMAT;
	if (r == 0)
		crypto_aead_xchacha20poly1305_ietf_encrypt(f->wrapped, NULL,
		    master, DESK_MASTER_BYTES, head, w.n, NULL, f->nonce,
		    key);
	sodium_memzero(key, sizeof(key));
	return r;
}

/* see deskfile.h */
int
deskfile_unlock(unsigned char master[static DESK_MASTER_BYTES],
    const struct deskfile *f, const char *passphrase)
{
	unsigned char head[DESKFILE_MAX_BYTES], key[DESK_MASTER_BYTES];
	struct wr w = wr_from(head, sizeof(head));
	int r;

	write_head(&w, f);
	r = wr_ok(&w) ? derive(key, f, passphrase) : ERR_FORMAT;
	if (r == 0 && crypto_aead_xchacha20poly1305_ietf_decrypt(master,
	    NULL, NULL, f->wrapped, sizeof(f->wrapped), head, w.n, f->nonce,
	    key) != 0)
		r = ERR_AUTH;
	sodium_memzero(key, sizeof(key));
	if (r != 0)
		sodium_memzero(master, DESK_MASTER_BYTES);
	return r;
}
