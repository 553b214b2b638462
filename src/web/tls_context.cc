#include "web/tls_context.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

namespace portalkey {
namespace {

int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11 - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<boost::asio::ssl::context> tls_context(const TlsIdentity& identity) {
  namespace net = boost::asio;
  net::ssl::context context(net::ssl::context::tls_server);
  boost::system::error_code error;
  context.use_certificate_chain(net::buffer(identity.chain_pem), error);
  if (!error) context.use_private_key(net::buffer(identity.key_pem), net::ssl::context::pem, error);
  if (error) {
    return fail(Errc::invalid_input, "the server's certificate or key cannot be used: " + error.message(),
                "Give a certificate chain and its private key in PEM.");
  }
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.native_handle(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);  // tickets remember for us
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_http11, nullptr);
  return context;
}

}  // namespace portalkey
