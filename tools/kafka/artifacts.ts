import { join } from 'node:path';
import { canRun, fetchJars, type Jars } from '../maven.ts';

const HERE = import.meta.dirname;
const BROKER: Jars = { name: 'Kafka', pom: join(HERE, 'pom.xml'), folder: join(HERE, 'lib') };

/** Are Java and Maven, or Java and what Maven fetched before, on this machine? */
export const hasJava = (): Promise<boolean> => canRun(BROKER);

/** The directory of the broker's jars. @throws Error with what Maven said when it cannot fetch them */
export const kafkaJars = (): Promise<string> => fetchJars(BROKER);
