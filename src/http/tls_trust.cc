#include "http/tls_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "base/files.h"
#include "base/foreign_text.h"

namespace portalkey {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Freed<BIO_free_all>>;

std::string one_line(const X509_NAME* name) {
  const BioPointer out(BIO_new(BIO_s_mem()));
  if (!out || name == nullptr) return {};
  // RFC 2253 puts the common name first.
  X509_NAME_print_ex(out.get(), name, 0, (XN_FLAG_RFC2253 & ~XN_FLAG_SEP_MASK) | XN_FLAG_SEP_CPLUS_SPC);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return foreign_text({text, static_cast<std::size_t>(std::max(size, 0L))}, 200);
}

WallTime not_after(const X509* certificate) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &fields) != 1) return {};
  return from_unix_seconds(::timegm(&fields));
}

int slot() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int extra_slot() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// Only looks; what OpenSSL decided stays decided.
int look(int fine, X509_STORE_CTX* chain) {
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  SSL_CTX* context = ssl == nullptr ? nullptr : SSL_get_SSL_CTX(ssl);
  auto* seen = context == nullptr ? nullptr : static_cast<PeerCertificate*>(SSL_CTX_get_ex_data(context, slot()));
  if (seen == nullptr || !seen->problem.empty()) return fine;
  if (const X509* shown = X509_STORE_CTX_get0_cert(chain)) {
    seen->subject = one_line(X509_get_subject_name(shown));
    seen->issuer = one_line(X509_get_issuer_name(shown));
    seen->expires = not_after(shown);
  }
  X509* at = X509_STORE_CTX_get_current_cert(chain);
  if (fine == 0) {
    seen->problem = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    if (at != nullptr) seen->issuer = one_line(X509_get_issuer_name(at));
  }
  if (STACK_OF(X509)* certificates = X509_STORE_CTX_get0_chain(chain);
      certificates != nullptr && sk_X509_num(certificates) > 0) {
    X509* last = sk_X509_value(certificates, sk_X509_num(certificates) - 1);
    seen->root = one_line(X509_get_issuer_name(last));
    const auto* extra = static_cast<const std::vector<X509Pointer>*>(SSL_CTX_get_ex_data(context, extra_slot()));
    seen->from_extra = false;
    for (const auto& one : *extra) seen->from_extra = seen->from_extra || X509_cmp(one.get(), last) == 0;
  }
  return fine;
}

std::unexpected<Error> unusable(const std::filesystem::path& file, std::string what) {
  return std::unexpected(Error{Errc::invalid_input,
                               std::move(what),
                               "Give a file of PEM certificates (-----BEGIN CERTIFICATE-----) in ca_file, PORTALKEY_CA_FILE or "
                               "SSL_CERT_FILE, or unset it.",
                               {{"file", file.string()}}});
}

}  // namespace

struct ExtraTrust::Certificates {
  std::vector<X509Pointer> all;
};

ExtraTrust::ExtraTrust() : certificates_(std::make_unique<Certificates>()) {}
ExtraTrust::ExtraTrust(ExtraTrust&&) noexcept = default;
ExtraTrust& ExtraTrust::operator=(ExtraTrust&&) noexcept = default;
ExtraTrust::~ExtraTrust() = default;

Result<ExtraTrust> ExtraTrust::load(const std::vector<std::filesystem::path>& files) {
  ExtraTrust trust;
  for (const auto& file : files) {
    auto text = read_file(file, 16 << 20, FileUse::trusted);
    if (!text && text.error().code == Errc::invalid_input) return pass(text);
    if (!text) return unusable(file, "the file of extra certificate authorities cannot be read");
    const std::size_t before = trust.certificates_->all.size();
    text->reveal([&](std::string_view pem) {
      const BioPointer in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
      while (X509* next = in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr)
        trust.certificates_->all.emplace_back(next);
    });
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;  // otherwise one of them is damaged
    ERR_clear_error();
    if (!ended) return unusable(file, "one of the extra certificate authorities is damaged");
    if (trust.certificates_->all.size() == before)
      return unusable(file, "the file of extra certificate authorities holds none");
  }
  return trust;
}

bool ExtraTrust::empty() const { return certificates_->all.empty(); }

void ExtraTrust::apply(ssl_ctx_st* context, PeerCertificate* seen) const {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& one : certificates_->all) X509_STORE_add_cert(store, one.get());  // one that is there already is no error
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_ex_data(context, slot(), seen);
  SSL_CTX_set_ex_data(context, extra_slot(), &certificates_->all);
  SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), look);
}

}  // namespace portalkey
