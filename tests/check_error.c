// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <string.h>

START_TEST(an_error_is_one_line_whatever_is_in_it)
{
	struct scrim_error err;
	char name[600];

	memset(name, 'x', sizeof(name));
	name[3] = '\n';
	name[4] = '\033';
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(fail(&err, -EINVAL, "cannot open %s", name), -EINVAL);
	ck_assert_int_eq(err.code, -EINVAL);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert_ptr_null(strpbrk(err.text, "\n\033"));
}
END_TEST

START_TEST(nobody_has_to_listen)
{
	ck_assert_int_eq(fail(NULL, -EIO, "%d", 1), -EIO);
}
END_TEST

Suite *error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *tcase = tcase_create("error");

	tcase_add_test(tcase, an_error_is_one_line_whatever_is_in_it);
	tcase_add_test(tcase, nobody_has_to_listen);
	suite_add_tcase(suite, tcase);
	return suite;
}
