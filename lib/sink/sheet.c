#include "sink/sink.h"
int sheet_new(struct sheet **s, unsigned c, unsigned w, struct scrim_error *e){return 0;}
int sheet_add(struct sheet *s, const struct clean_frame *c, struct scrim_error *e){return 0;}
int sheet_write(struct sheet *s, int fd, struct scrim_error *e){return 0;}
int sheet_save(const struct sheet *s, int fd, struct scrim_error *e){return 0;}
int sheet_load(struct sheet *s, int fd, struct scrim_error *e){return 0;}
void sheet_free(struct sheet **s){}
