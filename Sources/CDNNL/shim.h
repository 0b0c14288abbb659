#include <oneapi/dnnl/dnnl.h>

/* oneDNN runs on OpenMP; every worker of ours is one thread of its own and asks for no team beneath it. */
void omp_set_num_threads(int threads);
