/* The sun and four planets under gravity. Input: steps u32. Output: energy at the end, f64. */

#include "../../runner/guest/assay.h"

#define PI 3.141592653589793
#define SUN (4 * PI * PI)
#define YEAR 365.24
#define BODIES 5

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[BODIES] = {
  { 0, 0, 0, 0, 0, 0, SUN },
  { 4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.00166007664274403694 * YEAR,
    0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR, 0.000954791938424326609 * SUN },
  { 8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -0.00276742510726411 * YEAR,
    0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR, 0.000285885980666130812 * SUN },
  { 12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 0.00296460137564761618 * YEAR,
    0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR, 0.0000436624404335156298 * SUN },
  { 15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.00268067772490389322 * YEAR,
    0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR, 0.0000515138902046611451 * SUN },
};

static void advance(double dt) {
  for (int i = 0; i < BODIES; i++) {
    Body *p = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      Body *q = &bodies[j];
      double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
      double square = dx * dx + dy * dy + dz * dz;
      double pull = dt / (square * __builtin_sqrt(square));
      p->vx -= dx * q->mass * pull;
      p->vy -= dy * q->mass * pull;
      p->vz -= dz * q->mass * pull;
      q->vx += dx * p->mass * pull;
      q->vy += dy * p->mass * pull;
      q->vz += dz * p->mass * pull;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    Body *p = &bodies[i];
    p->x += dt * p->vx;
    p->y += dt * p->vy;
    p->z += dt * p->vz;
  }
}

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    Body *p = &bodies[i];
    sum += 0.5 * p->mass * (p->vx * p->vx + p->vy * p->vy + p->vz * p->vz);
    for (int j = i + 1; j < BODIES; j++) {
      Body *q = &bodies[j];
      double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
      sum -= p->mass * q->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

ASSAY_ENTRY void run(void) {
  unsigned steps = 0;
  assay_input_read(ASSAY_TASK, 0, &steps, sizeof steps);
  for (unsigned i = 0; i < steps; i++) advance(0.01);
  double result = energy();
  assay_output_write(&result, sizeof result);
}
