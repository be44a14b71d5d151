// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever a camera says before it is believed, it is not, and what it says has an end.
 */
#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/tls.h"

#define INPUT_MAX	(64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char certificate[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBbzCCARWgAwIBAgIUQdRovVIhfsqVBYLmA1Eazcww9HswCgYIKoZIzj0EAwIw\n"
	"DDEKMAgGA1UEAwwBaDAgFw0yNjExMjIxOTQzMDBaGA8yMTA5MDExMTE5NDMwMFow\n"
	"DDEKMAgGA1UEAwwBaDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFmM1TO1iNoQ\n"
	"aWeLvHMHGjcFuM+XAlT3X0NJGdrjGS3CG3zUMG8E23sGjyWDbrkd7p/lu+MLd7/b\n"
	"7TO7Vpy5lyGjUzBRMB0GA1UdDgQWBBSCHqiSaxOIUCNWGNETgeJFvjvmnTAfBgNV\n"
	"HSMEGDAWgBSCHqiSaxOIUCNWGNETgeJFvjvmnTAPBgNVHRMBAf8EBTADAQH/MAoG\n"
	"CCqGSM49BAMCA0gAMEUCIFnhHH72UZYgAIuPkHs5ByNjFFU0Fk43sX6JV4QjNyjx\n"
	"AiEAm5x5YV8gMSdABeUr2EYkHACrcoo9w1KTJzrg7OI6v/k=\n"
	"-----END CERTIFICATE-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct trust trust = { certificate, sizeof(certificate) - 1, true };
	static struct link link;
	struct tls *tls;
	int ends[2];

	if (size > INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return 0;
	assert(write(ends[1], data, size) == (ssize_t)size);
	shutdown(ends[1], SHUT_WR);
	link_begin(&link, ends[0]);
	link_expect(&link, 1000);
	assert(tls_begin(&tls, &link, "h", &trust, NULL) < 0);
	assert(!tls && !link.tls);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
