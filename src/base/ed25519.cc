// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include <memory>

#include <openssl/evp.h>

namespace daybook {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Key private_key(const Ed25519Seed& seed) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
}

std::unexpected<Error> openssl_failed(const char* what) {
  return fail(Errc::Internal, std::string("OpenSSL cannot ") + what,
              "check that the installed OpenSSL 3 offers Ed25519 (a FIPS-only set-up may not)");
}

}  // namespace

Result<Ed25519PublicKey> ed25519_public_key(const Ed25519Seed& seed) {
  const Key key = private_key(seed);
  if (!key) return openssl_failed("load an Ed25519 key");
  Ed25519PublicKey result;
  std::size_t size = result.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), result.data(), &size) != 1 || size != result.size()) {
    return openssl_failed("derive an Ed25519 public key");
  }
  return result;
}

Result<Ed25519Signature> ed25519_sign(const Ed25519Seed& seed, ByteView message) {
  const Key key = private_key(seed);
  const Context context(EVP_MD_CTX_new());
  if (!key || !context) return openssl_failed("load an Ed25519 key");
  Ed25519Signature signature;
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1 ||
      size != signature.size()) {
    return openssl_failed("sign with Ed25519");
  }
  return signature;
}

bool ed25519_verify(const Ed25519PublicKey& key, ByteView message,
                    const Ed25519Signature& signature) {
  const Key loaded(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  return loaded && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace daybook
