/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_CORE_H
#define CORE_CORE_H

/* What every room needs, and no physics. Prefix core_. */

#include "core/block.h"
#include "core/curvature.h"
#include "core/eigen.h"
#include "core/ensemble.h"
#include "core/isa.h"
#include "core/landscape.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/seconds.h"
#include "core/stable.h"
#include "core/status.h"
#include "core/store.h"
#include "core/sum.h"
#include "core/table.h"

#endif
