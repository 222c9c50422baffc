/**
 * What rules say of a field, in Korean. A rule that is not here is generic in Korean when a schema states it, and English when a context does; field and
 * code are the same in every language.
 */
export const KOREAN_RULES: ReadonlyMap<string, string> = new Map([
  [
    'a machine names the user for whom it acts, in this header or in the field userId of routes that have one',
    '기계는 이 헤더로, 또는 userId 항목이 있는 경로에서는 그 항목으로 대신할 사용자를 지정해야 합니다',
  ],
  ['is given more than once', '한 번만 보내야 합니다'],
  ['is not a parameter of this route', '이 경로에 없는 매개변수입니다'],
  ['is not known', '알 수 없는 항목입니다'],
  ['is not the id of an event of this stream', '이 스트림의 이벤트 ID가 아닙니다'],
  ['is out of range', '허용 범위를 벗어났습니다'],
  ['is required', '필수 항목입니다'],
  ['must be MARKETING or TRANSACTIONAL', 'MARKETING 또는 TRANSACTIONAL이어야 합니다'],
  ['must be a decimal id', '숫자로 된 ID여야 합니다'],
  ['must be a path such as /stores/42', '/stores/42와 같은 경로여야 합니다'],
  ['must be a time such as 21:00', '21:00과 같은 시각이어야 합니다'],
  ['must be at most 30 days from now', '지금부터 30일 이내여야 합니다'],
  ['must be an IANA time zone', 'IANA 시간대여야 합니다'],
  ['must be an IANA time zone such as Asia/Seoul', 'Asia/Seoul과 같은 IANA 시간대여야 합니다'],
  ['must be an e-mail address', '이메일 주소여야 합니다'],
  ['must be an https URL', 'https URL이어야 합니다'],
  ['must be an https URL of a known push service', '등록된 푸시 서비스의 https URL이어야 합니다'],
  ['must be in the years 1970 to 9999', '1970년부터 9999년 사이여야 합니다'],
  ['must be ko or en', 'ko 또는 en이어야 합니다'],
  ['must be later than now, by ten years at most', '지금부터 10년 이내의 미래여야 합니다'],
  ['must be p256dh and auth of the browser, in base64url', '브라우저의 p256dh와 auth(base64url)여야 합니다'],
  ['must be some of 7, 3, 1', '7, 3, 1 중에서 골라야 합니다'],
  ['must be the id of a user', '사용자 ID여야 합니다'],
  [
    'must be the id of a user, or the external id of one whose issuer is listed here',
    '사용자 ID이거나, 이 서버에 등록된 발급자의 외부 ID여야 합니다',
  ],
  ['must be times such as 21:00', '21:00과 같은 시각이어야 합니다'],
  ['must change something', '바꿀 내용이 있어야 합니다'],
  ['must name each kind and channel once', '종류와 채널의 조합은 한 번씩만 지정해야 합니다'],
  ['must not be blank', '비워 둘 수 없습니다'],
  ['must not hold half of a surrogate pair', '잘못된 유니코드 문자가 있습니다'],
  [
    'must be one line, without control or bidirectional override characters',
    '줄바꿈, 제어 문자, 방향 전환 문자 없이 한 줄이어야 합니다',
  ],
  ['names no user of an issuer that is listed here', '이 서버에 등록된 발급자의 사용자가 아닙니다'],
  ['names a kind or a channel that does not exist', '없는 종류나 채널입니다'],
]);
