/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ledger of exports in a folder of its own, which tests fill and spoil.
 */
#ifndef TESTS_EXPORTS_CASE_H
#define TESTS_EXPORTS_CASE_H

#include "test.h"

#include "consent/exports.h"
#include "consent/key.h"

extern struct scrim_error err;
extern char store[64], note[SCRIM_TEXT_MAX];	/* the folder; what opening said */
extern struct secret_key recipient;
extern struct exports *e;
extern struct books books;
extern struct log_verdict verdict;		/* of read_books() */
extern char bundles[8][UUID_TEXT_MAX];

void exports_setup(void);
void exports_teardown(void);
void open_again(void);
void close_it(void);
/* A file of the store; good until the next but one. */
const char *path_of(const char *name);

struct export_item given_item(unsigned bundle, int64_t seq, const char *event);
struct export_item clip_of(int64_t seq, const char *event, const char *camera);
void add(const struct export_item *item);
struct export_bundle given_bundle(unsigned bundle, int64_t items);
/* So many clips of so many events. */
void give(unsigned bundle, int64_t items);
void taken_are(const char *bundle, const char *event, uint64_t class, uint64_t donor);
int has(const char *who, const struct export_item *item, char found[UUID_TEXT_MAX]);
/* Of what is on the disk. */
void read_books(void);
void sums_are(uint64_t given, uint64_t items, unsigned donors, int64_t cents);

#endif
