import { generator } from '#libs/random';
process.stdout.write(String(generator(1).integer(5)) + '\n');
