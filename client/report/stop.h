/* SPDX-License-Identifier: ISC */
/*
 * stop.h - has the person asked to stop?  Set by SIGINT, SIGTERM,
 * SIGHUP, SIGQUIT.
 */
#ifndef ECR_STOP_H
#define ECR_STOP_H

#include <signal.h>
#include <stdbool.h>

extern volatile sig_atomic_t report_stop;

void stop_catch(void);			/* install the handlers */
/* Sleep so long, or until asked to stop; true: asked to stop. */
bool stop_wait(unsigned seconds);

#endif
