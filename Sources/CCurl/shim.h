#ifndef ATREST_CCURL_SHIM_H
#define ATREST_CCURL_SHIM_H

#include <curl/curl.h>

#endif
