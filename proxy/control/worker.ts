import type { Config } from '#proxy/config/schema.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { startProxyRole, type ProxyRole } from './proxy-role.ts';
import {
  isAcknowledgeAnswer,
  isOwnership,
  isShadowWrites,
  isStatusQuestion,
  type AcknowledgeQuestionMessage,
  type OwnershipMessage,
  type ShadowDeltaMessage,
  type ShadowWritesMessage,
  type StatusAnswer,
} from './worker-messages.ts';

/**
 * The proxy role as a worker of `banyan run`: no admin port of its own, it tells its parent how it is.
 * @param options.workers processes that serve together
 * @param options.versionSecret what signs versions where the configuration has no secret
 */
export async function startWorker(
  config: Config,
  options: {
    readonly log: Logger;
    readonly workers: number;
    readonly versionSecret: string | undefined;
  },
): Promise<ProxyRole> {
  const toParent = (
    message:
      | StatusAnswer
      | ShadowDeltaMessage
      | ShadowWritesMessage
      | OwnershipMessage
      | AcknowledgeQuestionMessage,
  ): boolean => {
    if (!process.connected) return false;
    process.send?.(message);
    return true;
  };
  const role = await startProxyRole(config, {
    ...options,
    shadowSink: { add: (delta) => void toParent({ banyan: 'shadow-delta', delta }) },
    onAcknowledge: (question) => toParent({ banyan: 'acknowledge?', question }),
    onWrites:
      options.workers > 1 ? (writes) => void toParent({ banyan: 'shadow-writes', writes }) : undefined,
    onOwnership: options.workers > 1 ? (news) => void toParent({ banyan: 'ownership', news }) : undefined,
  });
  const tell = (): void => {
    const answer: StatusAnswer = { banyan: 'status', status: role.status(), listen: role.listen };
    toParent(answer);
  };
  process.on('message', (message) => {
    if (isStatusQuestion(message)) tell();
    else if (isShadowWrites(message)) role.learnWrites(message.writes);
    else if (isOwnership(message)) role.learnOwnership(message.news);
    else if (isAcknowledgeAnswer(message)) role.acknowledged(message.answer);
  });
  tell();
  return {
    ...role,
    async stop() {
      const stopped = role.stop();
      tell();
      await stopped;
      // The last counts, so that the sum over all workers never falls.
      tell();
    },
  };
}
