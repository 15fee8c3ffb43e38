/**
 * Federated training of quadratics, solved by hand.
 *
 * Client k minimises F_k(w) = a_k / 2 * (w - o_k)^2 and takes tau_k gradient steps of size eta from w_t. A step maps the
 * distance to the optimum to (1 - eta a_k) times itself, so that
 *
 *     w_k - o_k = r_k (w_t - o_k),   r_k = (1 - eta a_k)^tau_k,   hence   w_k - w_t = -(1 - r_k) (w_t - o_k)      (1)
 *
 * A server that adds sum_k q_k (w_k - w_t) thus has
 *
 *     w_{t+1} - w_t = -sum_k b_k (w_t - o_k),   b_k = q_k (1 - r_k)
 *     w_t = w* + (1 - B)^t (w_0 - w*),          B = sum_k b_k,   w* = sum_k b_k o_k / B                           (2)
 *
 * - FedAvg: q_k = p_k, the share of the examples. w* is not the optimum sum_k p_k a_k o_k / sum_k p_k a_k: clients of
 *   many or of steep steps pull it.
 * - FedProx: a client goes along a_k (w - o_k) + mu (w - w_t) = (a_k + mu) (w - m_k), with m_k - w_t = a_k / (a_k + mu)
 *   (o_k - w_t); (1) for m_k gives b_k = p_k a_k / (a_k + mu) * (1 - (1 - eta (a_k + mu))^tau_k).
 * - FedNova: q_k = p_k tau / tau_k, tau = sum_k p_k tau_k. For small steps 1 - r_k is eta a_k tau_k, so that w* comes to
 *   the optimum: what is left of the bias is of the order of eta.
 */

/** A client's quadratic in one coordinate. */
export interface Client {
  readonly curvature: number;
  readonly optimum: number;
  /** Its examples, all alike: with batches of one, its steps a round. */
  readonly examples: number;
}

export interface Federation {
  readonly clients: readonly Client[];
  readonly start: number;
  readonly learningRate: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** What is left of a distance to the optimum after a client's steps, with `more` curvature. */
function left({ learningRate }: Federation, { curvature, examples }: Client, more = 0): number {
  return (1 - learningRate * (curvature + more)) ** examples;
}

/** Equation 2, for b_k of each client. */
function geometric(federation: Federation, pulls: readonly number[], rounds: number): readonly number[] {
  const pull = sum(pulls);
  const limit = weighted(federation, pulls);
  return Array.from({ length: rounds }, (_, t) => limit + (1 - pull) ** (t + 1) * (federation.start - limit));
}

function weighted({ clients }: Federation, weights: readonly number[]): number {
  return sum(clients.map(({ optimum }, k) => (weights[k] ?? 0) * optimum)) / sum(weights);
}

const shares = ({ clients }: Federation): readonly number[] => {
  const all = sum(clients.map(({ examples }) => examples));
  return clients.map(({ examples }) => examples / all);
};

/** Where sum_k p_k F_k is least, or with `uniform` sum_k F_k. */
export function optimum(federation: Federation, weights: 'examples' | 'uniform'): number {
  const p = shares(federation);
  return weighted(
    federation,
    federation.clients.map(({ curvature }, k) => curvature * (weights === 'examples' ? (p[k] ?? 0) : 1)),
  );
}

export function fedavg(federation: Federation, rounds: number): readonly number[] {
  const p = shares(federation);
  const pulls = federation.clients.map((client, k) => (p[k] ?? 0) * (1 - left(federation, client)));
  return geometric(federation, pulls, rounds);
}

export function fedprox(federation: Federation, rounds: number, mu: number): readonly number[] {
  const p = shares(federation);
  const pulls = federation.clients.map((client, k) => {
    const { curvature } = client;
    return (((p[k] ?? 0) * curvature) / (curvature + mu)) * (1 - left(federation, client, mu));
  });
  return geometric(federation, pulls, rounds);
}

export function fednova(federation: Federation, rounds: number): readonly number[] {
  const p = shares(federation);
  const tau = sum(federation.clients.map(({ examples }, k) => (p[k] ?? 0) * examples));
  const pulls = federation.clients.map(
    (client, k) => (((p[k] ?? 0) * tau) / client.examples) * (1 - left(federation, client)),
  );
  return geometric(federation, pulls, rounds);
}

/**
 * SCAFFOLD with every client in every round. A client goes along a_k (w - o_k) - c_k + c = a_k (w - s_k), with
 * s_k = o_k + (c_k - c) / a_k, so that (1) holds for s_k:
 *
 *     w_k = s_k + r_k (w_t - s_k);   w_{t+1} = w_t + eta_g * mean_k (w_k - w_t);   c = mean_k c_k
 *     option I: c_k' = a_k (w_t - o_k);   option II: c_k' = c_k - c + (w_t - w_k) / (tau_k eta)
 *
 * Where nothing moves any more, c_k = a_k (w* - o_k), and their mean c is 0, so that every s_k is w*: the optimum of
 * sum_k F_k itself, whatever the clients' steps. With one curvature and equal steps, mean_k s_k is that optimum from the
 * first round on, and w_t - w* = (1 - eta_g (1 - r))^t (w_0 - w*).
 */
export function scaffold(
  federation: Federation,
  rounds: number,
  option: 'I' | 'II',
  serverLearningRate = 1,
): readonly number[] {
  const { clients, learningRate, start } = federation;
  let global = start;
  let controls = clients.map(() => 0);
  return Array.from({ length: rounds }, () => {
    const control = mean(controls);
    const local = clients.map((client, k) => {
      const target = client.optimum + ((controls[k] ?? 0) - control) / client.curvature;
      return target + left(federation, client) * (global - target);
    });
    controls = clients.map(({ curvature, optimum: own, examples }, k) =>
      option === 'I'
        ? curvature * (global - own)
        : (controls[k] ?? 0) - control + (global - (local[k] ?? 0)) / (examples * learningRate),
    );
    global += serverLearningRate * (mean(local) - global);
    return global;
  });
}

/**
 * FedDyn with every client in every round. A client goes along a_k (w - o_k) - g_k + alpha (w - w_t) =
 * (a_k + alpha) (w - m_k), with m_k = (a_k o_k + g_k + alpha w_t) / (a_k + alpha), so that (1) holds for m_k:
 *
 *     w_k = m_k + (1 - eta (a_k + alpha))^tau_k (w_t - m_k);   g_k' = g_k - alpha (w_k - w_t)
 *     h' = h - alpha * mean_k (w_k - w_t);                     w_{t+1} = mean_k w_k - h' / alpha
 *
 * Where nothing moves any more, w_k = w_t, hence h = 0, g_k = a_k (w* - o_k), and h is the mean of the g_k: w* is the
 * optimum of sum_k F_k itself.
 */
export function feddyn(federation: Federation, rounds: number, alpha: number): readonly number[] {
  const { clients, start } = federation;
  let global = start;
  let drift = 0;
  let gradients = clients.map(() => 0);
  return Array.from({ length: rounds }, () => {
    const local = clients.map((client, k) => {
      const { curvature, optimum: own } = client;
      const target = (curvature * own + (gradients[k] ?? 0) + alpha * global) / (curvature + alpha);
      return target + left(federation, client, alpha) * (global - target);
    });
    gradients = gradients.map((gradient, k) => gradient - alpha * ((local[k] ?? 0) - global));
    drift -= alpha * (mean(local) - global);
    global = mean(local) - drift / alpha;
    return global;
  });
}
