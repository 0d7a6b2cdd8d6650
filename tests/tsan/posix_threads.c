// Preloaded: C11 threads as POSIX ones. librdkafka uses <threads.h>, which GCC's ThreadSanitizer does not know: a thread made by
// thrd_create() crashes in its first instrumented function, and what mtx_lock() orders looks like a race. glibc's types are the same ones.
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>

struct Start {
  thrd_start_t run;
  void* argument;
};

static void* begin(void* given) {
  const struct Start start = *(struct Start*)given;
  free(given);
  return (void*)(long)start.run(start.argument);
}

static int result_of(int error) { return error == 0 ? thrd_success : error == EBUSY ? thrd_busy : error == ETIMEDOUT ? thrd_timedout : thrd_error; }

int thrd_create(thrd_t* thread, thrd_start_t run, void* argument) {
  struct Start* start = malloc(sizeof *start);
  if (start == NULL) return thrd_nomem;
  *start = (struct Start){run, argument};
  const int error = pthread_create((pthread_t*)thread, NULL, begin, start);
  if (error != 0) free(start);
  return result_of(error);
}

int thrd_join(thrd_t thread, int* result) {
  void* told = NULL;
  const int error = pthread_join((pthread_t)thread, &told);
  if (error == 0 && result != NULL) *result = (int)(long)told;
  return result_of(error);
}

int thrd_detach(thrd_t thread) { return result_of(pthread_detach((pthread_t)thread)); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if (type & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return result_of(pthread_mutex_init((pthread_mutex_t*)mutex, &attributes));
}
int mtx_lock(mtx_t* mutex) { return result_of(pthread_mutex_lock((pthread_mutex_t*)mutex)); }
int mtx_trylock(mtx_t* mutex) { return result_of(pthread_mutex_trylock((pthread_mutex_t*)mutex)); }
int mtx_unlock(mtx_t* mutex) { return result_of(pthread_mutex_unlock((pthread_mutex_t*)mutex)); }
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy((pthread_mutex_t*)mutex); }

int cnd_init(cnd_t* condition) { return result_of(pthread_cond_init((pthread_cond_t*)condition, NULL)); }
int cnd_signal(cnd_t* condition) { return result_of(pthread_cond_signal((pthread_cond_t*)condition)); }
int cnd_broadcast(cnd_t* condition) { return result_of(pthread_cond_broadcast((pthread_cond_t*)condition)); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return result_of(pthread_cond_wait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex)); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const struct timespec* until) {
  return result_of(pthread_cond_timedwait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex, until));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy((pthread_cond_t*)condition); }
