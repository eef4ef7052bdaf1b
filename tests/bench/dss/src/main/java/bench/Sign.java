package bench;

import com.sun.management.OperatingSystemMXBean;
import eu.europa.esig.dss.enumerations.CertificationPermission;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.DSSException;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.TimestampBinary;
import eu.europa.esig.dss.model.ToBeSigned;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.tsp.TSPSource;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/**
 * Sign PKI_DIR IN.pdf OUT.pdf TSA_URL WARM_UP RUNS: two PAdES B-T signatures per copy, the first
 * certifying, timestamps by HTTP, one thread. Prints CPU milliseconds of the process a copy.
 * Keys and chains are loaded once; no visible signature is drawn, which only makes it faster.
 */
public final class Sign {

    private record Hand(PrivateKey key, CertificateToken certificate, List<CertificateToken> chain) {}

    public static void main(String[] args) throws Exception {
        Path pki = Path.of(args[0]);
        byte[] input = Files.readAllBytes(Path.of(args[1]));
        int warm = Integer.parseInt(args[4]);
        int runs = Integer.parseInt(args[5]);
        Hand officer = hand(pki, "officer");
        Hand seal = hand(pki, "seal");
        PAdESService service = new PAdESService(new CommonCertificateVerifier());
        service.setTspSource(tsa(args[3]));
        OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = 0;
        DSSDocument signed = null;
        for (int i = -warm; i < runs; i++) {
            if (i == 0) {
                before = os.getProcessCpuTime();
            }
            signed = sign(service, officer, "Officer", new InMemoryDocument(input, "copy.pdf"));
            signed = sign(service, seal, "Seal", signed);
        }
        System.out.println((os.getProcessCpuTime() - before) / 1e6 / runs);
        signed.save(args[2]);
    }

    private static DSSDocument sign(PAdESService service, Hand hand, String field, DSSDocument document) throws Exception {
        PAdESSignatureParameters parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_T);
        parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
        parameters.setSigningCertificate(hand.certificate());
        parameters.setCertificateChain(hand.chain());
        parameters.setContentSize(16384);
        parameters.getImageParameters().getFieldParameters().setFieldId(field);
        if (field.equals("Officer")) {
            parameters.setPermission(CertificationPermission.MINIMAL_CHANGES_PERMITTED);
        }
        ToBeSigned data = service.getDataToSign(document, parameters);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(hand.key());
        signature.update(data.getBytes());
        SignatureValue value = new SignatureValue(SignatureAlgorithm.RSA_SHA256, signature.sign());
        return service.signDocument(document, parameters, value);
    }

    private static Hand hand(Path pki, String name) throws Exception {
        char[] password = Files.readString(pki.resolve(name + ".password")).strip().toCharArray();
        KeyStore store = KeyStore.getInstance(pki.resolve(name + ".p12").toFile(), password);
        PrivateKey key = (PrivateKey) store.getKey(store.aliases().nextElement(), password);
        CertificateToken certificate = certificate(pki, name);
        return new Hand(key, certificate, List.of(certificate, certificate(pki, "issuing")));
    }

    private static CertificateToken certificate(Path pki, String name) throws Exception {
        byte[] pem = Files.readAllBytes(pki.resolve(name + ".pem"));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return new CertificateToken((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(pem)));
    }

    /** RFC 3161 over HTTP with kept connections; BouncyCastle checks nonce, imprint and status. */
    private static TSPSource tsa(String url) {
        SecureRandom chance = new SecureRandom();
        return (algorithm, digest) -> {
            try {
                TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
                generator.setCertReq(true);
                TimeStampRequest request = generator.generate(
                        new ASN1ObjectIdentifier(algorithm.getOid()), digest, new BigInteger(64, chance));
                TimeStampResponse response = new TimeStampResponse(post(url, request.getEncoded()));
                response.validate(request);
                return new TimestampBinary(response.getTimeStampToken().getEncoded());
            } catch (Exception error) {
                throw new DSSException("TSA", error);
            }
        };
    }

    private static byte[] post(String url, byte[] query) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/timestamp-query");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(query);
        }
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }
}
