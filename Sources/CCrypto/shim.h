#ifndef ATREST_CCRYPTO_SHIM_H
#define ATREST_CCRYPTO_SHIM_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Declares its PEM functions only behind pem.h. */
#include <openssl/cms.h>

#endif
