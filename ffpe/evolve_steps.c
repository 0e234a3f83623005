#include "ffpe/evolve.h"
enum core_status ffpe_evolve_steps(struct ffpe_evolution *evolution, enum ffpe_method method) { (void)evolution; (void)method; return CORE_OK; }
