/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A consent in the words of others.
 */
#ifndef CONSENT_RECEIPT_H
#define CONSENT_RECEIPT_H

#include "consent/record.h"

/* Kantara Consent Receipt 1.1, with the state that it has now. */
json_t *receipt_kantara(const struct consent *consent, int64_t now);
/* JSON-LD with W3C's Data Privacy Vocabulary, as its guide for ISO/IEC TS 27560 has it. */
json_t *receipt_dpv(const struct consent *consent);

#endif
